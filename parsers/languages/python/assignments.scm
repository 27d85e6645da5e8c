(assignment left: (_) @target right: (_) @value) @assignment
(augmented_assignment left: (_) @target right: (_) @value) @assignment
