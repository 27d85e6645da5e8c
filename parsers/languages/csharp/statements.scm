(block
  [(expression_statement) (local_declaration_statement) (return_statement) (if_statement) (for_statement)
   (foreach_statement) (while_statement) (do_statement) (switch_statement) (try_statement) (throw_statement)
   (using_statement) (lock_statement) (break_statement) (continue_statement) (yield_statement)
   (local_function_statement) (labeled_statement) (goto_statement) (checked_statement) (unsafe_statement)
   (fixed_statement) (block)] @statement)
