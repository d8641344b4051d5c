#= {}
#- {"type": "ZeroDivisionError", "message": "division by zero", "function": "share", "line": 12, "frames": 2}
def share(total, people):
    return round(
        total,
        people,
    )


def share(total, people):
    return (
        total
        / people
        + 1
    )


share(
    3,
    people=0,
)
