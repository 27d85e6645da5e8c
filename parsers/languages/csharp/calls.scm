(invocation_expression function: (_) @callee arguments: (argument_list) @arguments) @call
(object_creation_expression type: (_) @callee arguments: (argument_list) @arguments) @call
