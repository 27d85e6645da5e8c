(compound_statement
  [(expression_statement) (declaration) (return_statement) (if_statement) (for_statement) (for_range_loop)
   (while_statement) (do_statement) (switch_statement) (break_statement) (continue_statement) (goto_statement)
   (labeled_statement) (try_statement) (throw_statement) (using_declaration) (alias_declaration)
   (static_assert_declaration) (co_return_statement)] @statement)
