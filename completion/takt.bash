# SPDX-License-Identifier: BSD-3-Clause
# bash completion: takt knows its own commands and options; a word it offers nothing for is a file.
_takt()
{
	local word=${COMP_WORDS[COMP_CWORD]}

	mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "$word")
}
complete -o default -F _takt takt
