-- Commits of the public data set of GitHub that modify exactly one regular file in place.
--
-- BigQuery standard SQL. Parameters, all required (pipeline/sources/bigquery.py writes them out as literals; by hand,
-- give each with --parameter):
--   min_message, max_message  INT64          characters of the message, both exclusive, white space around it not counted
--   since, until              INT64          Unix seconds: author and committer time both, until itself excluded
--   licences                  ARRAY<STRING>  as the table spells them, lower case
--   endings                   ARRAY<STRING>  of file names, with the dot, lower case
--   modes                     ARRAY<INT64>   of regular files: 33188 is 0o100644, 33261 is 0o100755
--   repositories              ARRAY<STRING>  owner/name; empty for all
--
-- Messages that say little ("update", "wip") are not looked at here: that is for the filters, which count what they drop.
-- The tables hold only blobs that were at the head of a branch when they were made: either side is null for most rows.
-- A query reads these columns of `commits` and of `contents` whole (terabytes, and billed so), whatever the parameters.

WITH single AS (
  SELECT
    c.commit,
    c.parent[OFFSET(0)] AS parent,
    c.subject,
    c.message,
    c.repo_name AS repo_names,
    c.author.time_sec AS author_time,
    c.committer.time_sec AS unix_time,
    d.old_path AS old_file,
    d.new_path AS new_file,
    d.old_sha1 AS old_blob,
    d.new_sha1 AS new_blob
  FROM `bigquery-public-data.github_repos.commits` AS c
  CROSS JOIN UNNEST(c.difference) AS d
  WHERE
    -- one file: of the whole commit, before anything is selected by its path
    ARRAY_LENGTH(c.difference) = 1
    AND NOT COALESCE(c.difference_truncated, FALSE)
    -- no merge, and no first commit
    AND ARRAY_LENGTH(c.parent) = 1
    -- in place: no addition, deletion, rename or mode change alone; a null on either side is none of these
    AND d.old_path = d.new_path
    AND d.old_sha1 <> d.new_sha1
    AND d.old_mode IN UNNEST(@modes)
    AND d.new_mode IN UNNEST(@modes)
    AND REGEXP_EXTRACT(LOWER(d.new_path), r'\.[^./]+$') IN UNNEST(@endings)
    AND CHAR_LENGTH(TRIM(c.message, ' \t\r\n')) > @min_message
    AND CHAR_LENGTH(TRIM(c.message, ' \t\r\n')) < @max_message
    AND c.author.time_sec >= @since
    AND c.author.time_sec < @until
    AND c.committer.time_sec >= @since
    AND c.committer.time_sec < @until
),

stated AS (
  SELECT
    repo_name,
    MIN(LOWER(license)) AS licence,
    LOGICAL_AND(LOWER(license) IN UNNEST(@licences)) AS allowed
  FROM `bigquery-public-data.github_repos.licenses`
  GROUP BY repo_name
),

-- A commit is in a repository and in its forks. It is kept where every licence that any of them states is allowed, and
-- counts as the one that comes first by name (among `repositories`, where there are some).
placed AS (
  SELECT
    s.commit,
    MIN(IF(ARRAY_LENGTH(@repositories) = 0 OR l.repo_name IN UNNEST(@repositories), l.repo_name, NULL)) AS repo
  FROM single AS s
  CROSS JOIN UNNEST(s.repo_names) AS name
  INNER JOIN stated AS l ON l.repo_name = name
  GROUP BY s.commit
  HAVING LOGICAL_AND(l.allowed)
),

-- One row a commit, also where the table has it twice.
once AS (
  SELECT *
  FROM single
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY commit ORDER BY new_file, new_blob) = 1
)

SELECT
  o.commit,
  o.parent,
  p.repo AS repos,
  l.licence AS license,
  o.old_file,
  o.new_file,
  o.old_blob,
  o.new_blob,
  o.subject,
  o.message,
  o.author_time,
  o.unix_time,
  older.content AS old_contents,
  newer.content AS new_contents
FROM once AS o
INNER JOIN placed AS p ON p.commit = o.commit
INNER JOIN stated AS l ON l.repo_name = p.repo
LEFT JOIN `bigquery-public-data.github_repos.contents` AS older ON older.id = o.old_blob AND NOT older.binary
LEFT JOIN `bigquery-public-data.github_repos.contents` AS newer ON newer.id = o.new_blob AND NOT newer.binary
