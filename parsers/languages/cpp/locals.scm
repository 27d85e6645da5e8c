(function_declarator parameters: (parameter_list (parameter_declaration declarator: (identifier) @parameter)))
(function_declarator parameters: (parameter_list
  (parameter_declaration declarator: (pointer_declarator declarator: (identifier) @parameter))))
(function_declarator parameters: (parameter_list
  (parameter_declaration declarator: (pointer_declarator
    declarator: (pointer_declarator declarator: (identifier) @parameter)))))
(function_declarator parameters: (parameter_list
  (parameter_declaration declarator: (array_declarator declarator: (identifier) @parameter))))

(compound_statement (declaration declarator: (identifier) @local))
(compound_statement (declaration declarator: (init_declarator declarator: (identifier) @local)))
(compound_statement (declaration declarator: (pointer_declarator declarator: (identifier) @local)))
(compound_statement (declaration
  declarator: (init_declarator declarator: (pointer_declarator declarator: (identifier) @local))))
(compound_statement (declaration declarator: (array_declarator declarator: (identifier) @local)))
(compound_statement (declaration
  declarator: (init_declarator declarator: (array_declarator declarator: (identifier) @local))))
(for_statement initializer: (declaration declarator: (init_declarator declarator: (identifier) @local)))
(for_statement initializer: (declaration
  declarator: (init_declarator declarator: (pointer_declarator declarator: (identifier) @local))))

(function_declarator parameters: (parameter_list
  (parameter_declaration declarator: (reference_declarator (identifier) @parameter))))
(function_declarator parameters: (parameter_list
  (optional_parameter_declaration declarator: (identifier) @parameter)))
(function_declarator parameters: (parameter_list
  (optional_parameter_declaration declarator: (reference_declarator (identifier) @parameter))))
(function_declarator parameters: (parameter_list
  (optional_parameter_declaration declarator: (pointer_declarator declarator: (identifier) @parameter))))

(compound_statement (declaration
  declarator: (init_declarator declarator: (reference_declarator (identifier) @local))))
(for_range_loop declarator: (identifier) @local)
(for_range_loop declarator: (reference_declarator (identifier) @local))
(for_range_loop declarator: (structured_binding_declarator (identifier) @local))
(for_range_loop declarator: (reference_declarator (structured_binding_declarator (identifier) @local)))
(compound_statement (declaration
  declarator: (init_declarator declarator: (structured_binding_declarator (identifier) @local))))
