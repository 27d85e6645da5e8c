(return_statement (_)? @value) @return
