(function_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters
  body: (block) @body) @function

(method_declaration
  name: (field_identifier) @name
  parameters: (parameter_list) @parameters
  body: (block) @body) @function
