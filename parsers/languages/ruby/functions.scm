(method
  name: (_) @name
  parameters: (method_parameters)? @parameters
  body: (_) @body) @function

(singleton_method
  name: (_) @name
  parameters: (method_parameters)? @parameters
  body: (_) @body) @function

(call
  method: (identifier) @_modifier
  arguments: (argument_list
    . [
      (method name: (_) @name parameters: (method_parameters)? @parameters body: (_) @body)
      (singleton_method name: (_) @name parameters: (method_parameters)? @parameters body: (_) @body)
    ] .)
  (#match? @_modifier "^(private|protected|public|module_function|private_class_method|memoize|helper_method)$")) @function
