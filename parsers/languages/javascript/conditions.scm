(if_statement
  condition: (_) @condition
  consequence: (_) @consequence
  alternative: (_)? @alternative) @if
