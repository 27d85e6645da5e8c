(assignment left: (_) @target right: (_) @value) @assignment
(operator_assignment left: (_) @target right: (_) @value) @assignment
