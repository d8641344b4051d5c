#= {}
#- {"type": "TabError", "message": "inconsistent use of tabs and spaces in indentation", "function": "", "line": 5, "frames": 1}
if True:
        x = 3
	return 4
