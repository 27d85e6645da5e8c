(function_declaration
  name: (identifier) @name
  parameters: (formal_parameters) @parameters
  body: (statement_block) @body) @function

(generator_function_declaration
  name: (identifier) @name
  parameters: (formal_parameters) @parameters
  body: (statement_block) @body) @function

(export_statement
  declaration: [
    (function_declaration
      name: (identifier) @name
      parameters: (formal_parameters) @parameters
      body: (statement_block) @body)
    (generator_function_declaration
      name: (identifier) @name
      parameters: (formal_parameters) @parameters
      body: (statement_block) @body)
  ]) @function

(method_definition
  name: (_) @name
  parameters: (formal_parameters) @parameters
  body: (statement_block) @body) @function

(lexical_declaration
  . (variable_declarator
    name: (identifier) @name
    value: [
      (arrow_function parameters: (formal_parameters) @parameters body: (_) @body)
      (arrow_function parameter: (identifier) @parameters body: (_) @body)
      (function_expression parameters: (formal_parameters) @parameters body: (statement_block) @body)
      (generator_function parameters: (formal_parameters) @parameters body: (statement_block) @body)
    ]) . ";"? .) @function

(export_statement
  declaration: (lexical_declaration
    . (variable_declarator
      name: (identifier) @name
      value: [
        (arrow_function parameters: (formal_parameters) @parameters body: (_) @body)
        (arrow_function parameter: (identifier) @parameters body: (_) @body)
        (function_expression parameters: (formal_parameters) @parameters body: (statement_block) @body)
      ]) . ";"? .)) @function

(variable_declaration
  . (variable_declarator
    name: (identifier) @name
    value: [
      (arrow_function parameters: (formal_parameters) @parameters body: (_) @body)
      (arrow_function parameter: (identifier) @parameters body: (_) @body)
      (function_expression parameters: (formal_parameters) @parameters body: (statement_block) @body)
      (generator_function parameters: (formal_parameters) @parameters body: (statement_block) @body)
    ]) . ";"? .) @function

(expression_statement
  (assignment_expression
    left: [(identifier) @name (member_expression property: (_) @name)]
    right: [
      (arrow_function parameters: (formal_parameters) @parameters body: (_) @body)
      (arrow_function parameter: (identifier) @parameters body: (_) @body)
      (function_expression parameters: (formal_parameters) @parameters body: (statement_block) @body)
      (generator_function parameters: (formal_parameters) @parameters body: (statement_block) @body)
    ])
  (#not-eq? @name "exports")) @function

(pair
  key: (property_identifier) @name
  value: [
    (arrow_function parameters: (formal_parameters) @parameters body: (_) @body)
    (function_expression parameters: (formal_parameters) @parameters body: (statement_block) @body)
    (generator_function parameters: (formal_parameters) @parameters body: (statement_block) @body)
  ]) @function
