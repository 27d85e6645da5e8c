(binary_operator left: (_) @left operator: _ @operator right: (_) @right) @binary
(boolean_operator left: (_) @left operator: _ @operator right: (_) @right) @binary
(comparison_operator . (_) @left . operators: _ @operator . (_) @right .) @binary
