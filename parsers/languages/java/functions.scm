(method_declaration
  name: (identifier) @name
  parameters: (formal_parameters) @parameters
  body: (block) @body) @function

(constructor_declaration
  name: (identifier) @name
  parameters: (formal_parameters) @parameters
  body: (constructor_body) @body) @function
