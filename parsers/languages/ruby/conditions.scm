(if condition: (_) @condition consequence: (then) @consequence alternative: (_)? @alternative) @if
(unless condition: (_) @condition consequence: (then) @consequence alternative: (_)? @alternative) @if
(if_modifier body: (_) @consequence condition: (_) @condition) @if
(unless_modifier body: (_) @consequence condition: (_) @condition) @if
