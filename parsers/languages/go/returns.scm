(return_statement (expression_list)? @value) @return
