(number_literal) @number
