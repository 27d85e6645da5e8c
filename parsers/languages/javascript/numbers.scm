(number) @number
