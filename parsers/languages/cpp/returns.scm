[(return_statement (_)? @value) (co_return_statement (_)? @value)] @return
