(method_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters
  body: (_) @body) @function

(constructor_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters
  body: (_) @body) @function

(destructor_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters
  body: (_) @body) @function

(local_function_statement
  name: (identifier) @name
  parameters: (parameter_list) @parameters
  body: (_) @body) @function
