(function_definition
  body: (block
    . (comment)*
    . (expression_statement . (string) @docstring .)) @body)

(class_definition
  body: (block
    . (comment)*
    . (expression_statement . (string) @docstring .)))

(module
  . (comment)*
  . (expression_statement . (string) @docstring .))
