(if_statement
  condition: (_) @condition
  consequence: (block) @consequence
  alternative: (_)? @alternative) @if
