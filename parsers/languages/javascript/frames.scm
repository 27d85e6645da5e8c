(class_declaration body: (class_body) @body) @frame
(export_statement declaration: (class_declaration body: (class_body) @body)) @frame
(export_statement value: (class body: (class_body) @body)) @frame
(export_statement value: (object) @body) @frame
(lexical_declaration . (variable_declarator value: [(object) @body (class body: (class_body) @body)]) . ";"? .) @frame
(variable_declaration . (variable_declarator value: [(object) @body (class body: (class_body) @body)]) . ";"? .) @frame
(expression_statement (assignment_expression right: (object) @body)) @frame
(expression_statement (assignment_expression right: (class body: (class_body) @body))) @frame

; a file's own scope: a function that is called at once, or handed to a loader
(expression_statement
  (call_expression
    function: [
      (parenthesized_expression (function_expression body: (statement_block) @body))
      (parenthesized_expression (arrow_function body: (statement_block) @body))
      (member_expression
        object: (parenthesized_expression (function_expression body: (statement_block) @body)))
    ])) @frame

(expression_statement
  [
    (parenthesized_expression (call_expression function: (function_expression body: (statement_block) @body)))
    (parenthesized_expression
      (call_expression
        function: (member_expression object: (function_expression body: (statement_block) @body))))
    (unary_expression (call_expression function: (function_expression body: (statement_block) @body)))
  ]) @frame

(expression_statement
  (call_expression
    arguments: (arguments
      [
        (function_expression body: (statement_block) @body)
        (arrow_function body: (statement_block) @body)
        (object) @body
      ]))) @frame

(expression_statement
  (assignment_expression
    right: [
      (function_expression body: (statement_block) @body)
      (arrow_function body: (statement_block) @body)
    ])) @wrapper
