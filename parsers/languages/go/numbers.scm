[(int_literal) (float_literal) (imaginary_literal)] @number
