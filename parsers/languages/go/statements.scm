(statement_list
  [(expression_statement) (short_var_declaration) (var_declaration) (const_declaration) (assignment_statement)
   (return_statement) (if_statement) (for_statement) (go_statement) (defer_statement) (inc_statement)
   (dec_statement) (send_statement) (expression_switch_statement) (type_switch_statement) (select_statement)
   (break_statement) (continue_statement) (goto_statement) (labeled_statement) (fallthrough_statement)
   (block) (type_declaration)] @statement)
