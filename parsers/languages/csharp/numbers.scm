[(integer_literal) (real_literal)] @number
