(function_definition
  declarator: (function_declarator
    declarator: (_) @name
    parameters: (parameter_list) @parameters)
  body: (compound_statement) @body) @function

(function_definition
  declarator: (pointer_declarator
    declarator: (function_declarator
      declarator: (_) @name
      parameters: (parameter_list) @parameters))
  body: (compound_statement) @body) @function

(function_definition
  declarator: (pointer_declarator
    declarator: (pointer_declarator
      declarator: (function_declarator
        declarator: (_) @name
        parameters: (parameter_list) @parameters)))
  body: (compound_statement) @body) @function
