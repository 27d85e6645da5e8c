(call method: (_) @callee arguments: (argument_list) @arguments) @call
