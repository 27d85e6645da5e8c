(statement_block
  [(expression_statement) (lexical_declaration) (variable_declaration) (return_statement) (if_statement)
   (for_statement) (for_in_statement) (while_statement) (do_statement) (try_statement) (switch_statement)
   (throw_statement) (break_statement) (continue_statement) (labeled_statement) (function_declaration)
   (generator_function_declaration) (class_declaration) (debugger_statement) (empty_statement)] @statement)
