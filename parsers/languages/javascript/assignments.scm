(assignment_expression left: (_) @target right: (_) @value) @assignment
(augmented_assignment_expression left: (_) @target right: (_) @value) @assignment
(variable_declarator name: (_) @target value: (_) @value) @assignment
