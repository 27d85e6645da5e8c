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
