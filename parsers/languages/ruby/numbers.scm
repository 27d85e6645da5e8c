[(integer) (float)] @number
