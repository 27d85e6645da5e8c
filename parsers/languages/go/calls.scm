(call_expression function: (_) @callee arguments: (argument_list) @arguments) @call
