(call_expression function: (_) @callee arguments: (argument_list) @arguments) @call
(new_expression type: (_) @callee arguments: (argument_list) @arguments) @call
