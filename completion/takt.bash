# SPDX-License-Identifier: BSD-3-Clause
# bash completion: takt knows its own commands and options; a word it offers nothing for is a file. Options are offered to a word that begins
# with "-" only, lest they stand in a file's way.
_takt()
{
	local word=${COMP_WORDS[COMP_CWORD]} list

	list=$("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
	[[ $word == -* ]] || list=$(grep -v ^- <<< "$list")
	mapfile -t COMPREPLY < <(compgen -W "$list" -- "$word")
}
complete -o default -F _takt takt
