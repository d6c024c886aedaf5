-- The ids of the commands that a case has recorded: a workflow that resumes lets them through to their stored answers.
SELECT command_id FROM probity.command WHERE stream = $1
