(return (argument_list)? @value) @return
