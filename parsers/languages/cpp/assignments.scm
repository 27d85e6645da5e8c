(assignment_expression left: (_) @target right: (_) @value) @assignment
(init_declarator declarator: (_) @target value: (_) @value) @assignment
