(formal_parameters (formal_parameter name: (identifier) @parameter))
(formal_parameters (spread_parameter (variable_declarator name: (identifier) @parameter)))
(lambda_expression parameters: (identifier) @parameter)
(inferred_parameters (identifier) @parameter)

(local_variable_declaration declarator: (variable_declarator name: (identifier) @local))
(enhanced_for_statement name: (identifier) @local)
(catch_formal_parameter name: (identifier) @local)
(resource name: (identifier) @local)
