(parameters (identifier) @parameter)
(parameters (typed_parameter . (identifier) @parameter))
(parameters (typed_parameter . (list_splat_pattern (identifier) @parameter)))
(parameters (typed_parameter . (dictionary_splat_pattern (identifier) @parameter)))
(parameters (default_parameter name: (identifier) @parameter))
(parameters (typed_default_parameter name: (identifier) @parameter))
(parameters (list_splat_pattern (identifier) @parameter))
(parameters (dictionary_splat_pattern (identifier) @parameter))

; a class body is a block too, and its names are no locals
(function_definition (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(for_statement (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(while_statement (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(if_statement (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(elif_clause (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(else_clause (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(try_statement (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(except_clause (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(finally_clause (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(with_statement (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(case_clause (block (expression_statement (assignment
  left: [(identifier) @local (pattern_list (identifier) @local) (tuple_pattern (identifier) @local)]))))
(for_statement left: (identifier) @local)
(for_statement left: (pattern_list (identifier) @local))
(for_statement left: (tuple_pattern (identifier) @local))
(named_expression name: (identifier) @local)
(with_item value: (as_pattern alias: (as_pattern_target (identifier) @local)))
(except_clause (as_pattern alias: (as_pattern_target (identifier) @local)))
