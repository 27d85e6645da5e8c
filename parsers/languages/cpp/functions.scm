(function_definition
  declarator: (function_declarator declarator: (_) @name parameters: (parameter_list) @parameters)
  (field_initializer_list)? @until
  body: (compound_statement) @body) @function

(template_declaration
  (function_definition
    declarator: (function_declarator declarator: (_) @name parameters: (parameter_list) @parameters)
    (field_initializer_list)? @until
    body: (compound_statement) @body)) @function

(function_definition
  declarator: (pointer_declarator
    declarator: (function_declarator declarator: (_) @name parameters: (parameter_list) @parameters))
  (field_initializer_list)? @until
  body: (compound_statement) @body) @function

(template_declaration
  (function_definition
    declarator: (pointer_declarator
      declarator: (function_declarator declarator: (_) @name parameters: (parameter_list) @parameters))
    (field_initializer_list)? @until
    body: (compound_statement) @body)) @function

(function_definition
  declarator: (pointer_declarator
    declarator: (pointer_declarator
      declarator: (function_declarator declarator: (_) @name parameters: (parameter_list) @parameters)))
  (field_initializer_list)? @until
  body: (compound_statement) @body) @function

(template_declaration
  (function_definition
    declarator: (pointer_declarator
      declarator: (pointer_declarator
        declarator: (function_declarator declarator: (_) @name parameters: (parameter_list) @parameters)))
    (field_initializer_list)? @until
    body: (compound_statement) @body)) @function

(function_definition
  declarator: (reference_declarator
    (function_declarator declarator: (_) @name parameters: (parameter_list) @parameters))
  (field_initializer_list)? @until
  body: (compound_statement) @body) @function

(template_declaration
  (function_definition
    declarator: (reference_declarator
      (function_declarator declarator: (_) @name parameters: (parameter_list) @parameters))
    (field_initializer_list)? @until
    body: (compound_statement) @body)) @function

(function_definition
  declarator: (operator_cast
    declarator: (abstract_function_declarator parameters: (parameter_list) @parameters)) @name
  body: (compound_statement) @body) @function
