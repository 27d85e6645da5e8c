[(string) (heredoc_body) (string_array) (subshell)] @string
