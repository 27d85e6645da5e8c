(binary left: (_) @left operator: _ @operator right: (_) @right) @binary
