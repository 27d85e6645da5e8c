(linkage_specification body: (declaration_list) @body) @frame
[(preproc_if) (preproc_ifdef) (preproc_else) (preproc_elif) (preproc_elifdef)] @frame
