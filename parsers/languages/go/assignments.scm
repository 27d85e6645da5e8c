(assignment_statement left: (_) @target right: (_) @value) @assignment
(short_var_declaration left: (_) @target right: (_) @value) @assignment
(var_spec name: (_) @target value: (_) @value) @assignment
