(function_definition
  name: (identifier) @name
  parameters: (parameters) @parameters
  body: (block) @body) @function

(decorated_definition
  definition: (function_definition
    name: (identifier) @name
    parameters: (parameters) @parameters
    body: (block) @body)) @function
