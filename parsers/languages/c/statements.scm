(compound_statement
  [(expression_statement) (declaration) (return_statement) (if_statement) (for_statement) (while_statement)
   (do_statement) (switch_statement) (break_statement) (continue_statement) (goto_statement)
   (labeled_statement)] @statement)
