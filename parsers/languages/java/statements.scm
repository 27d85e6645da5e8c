(block
  [(expression_statement) (local_variable_declaration) (return_statement) (if_statement) (for_statement)
   (enhanced_for_statement) (while_statement) (do_statement) (switch_expression) (try_statement)
   (try_with_resources_statement) (throw_statement) (break_statement) (continue_statement) (labeled_statement)
   (synchronized_statement) (assert_statement) (yield_statement) (class_declaration) (block)] @statement)
(constructor_body
  [(expression_statement) (local_variable_declaration) (return_statement) (if_statement) (for_statement)
   (enhanced_for_statement) (while_statement) (do_statement) (switch_expression) (try_statement)
   (try_with_resources_statement) (throw_statement) (labeled_statement) (synchronized_statement)
   (assert_statement) (explicit_constructor_invocation)] @statement)
