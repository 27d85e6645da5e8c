[(preproc_include) (using_declaration)] @import

; a condition around nothing but imports
(preproc_ifdef
  name: (identifier)
  .
  (preproc_include)
  .
  (preproc_include)*
  .) @import

(preproc_if
  condition: (_)
  .
  (preproc_include)
  .
  (preproc_include)*
  .) @import
