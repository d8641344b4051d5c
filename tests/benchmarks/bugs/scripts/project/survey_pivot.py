"""Pivot table of the staff survey.

usage: python survey_pivot.py answers.jsonl [--rows FIELD] [--columns FIELD] [--question N]

The answers come from two versions of the form: the first had no "site", and
scores as text. Groups of less than --hide persons are not shown.
"""
import argparse
import json
import re
import sys
from collections import defaultdict

QUESTIONS = {
    1: "I have the tools that I need",
    2: "I know what is expected of me",
    3: "I would recommend us as an employer",
}
SCALE = {"never": 1, "seldom": 2, "sometimes": 3, "often": 4, "always": 5}
AGES = [(0, 29, "under 30"), (30, 44, "30-44"), (45, 200, "45 and up")]
SITES = {"HAM": "Hamburg", "LEJ": "Leipzig", None: "n/a"}

parser = argparse.ArgumentParser(usage=__doc__)
parser.add_argument("answers")
parser.add_argument("--rows", default="team", choices=["team", "site", "age"])
parser.add_argument("--columns", default="site", choices=["team", "site", "age"])
parser.add_argument("--question", type=int, choices=sorted(QUESTIONS))
parser.add_argument("--hide", type=int, default=2)
parser.add_argument("--words", action="store_true", help="list the most frequent words of the comments")
options = parser.parse_args()


def score_of(answer):
    """1..5, or None if the question was left out."""
    value = answer.get("score")
    if isinstance(value, str):
        value = value.strip().lower()
        if value in SCALE:
            return SCALE[value]
        value = int(value) if value.isdigit() else None
    return value if value is None or 1 <= value <= 5 else None


def main():
    people = []
    seen = set()
    twice = 0
    with open(options.answers, encoding="utf-8") as lines:
        for line in lines:
            if not line.strip():
                continue
            form = json.loads(line)
            token = form["token"].lower()
            if token in seen:
                twice += 1
                continue
            seen.add(token)

            age = form.get("age")
            if age is None and "born" in form:
                age = form["year"] - form["born"]
            band = "n/a"
            if age is not None:
                for low, high, name in AGES:
                    if low <= age <= high:
                        band = name
            person = {
                "team": form["team"].strip().title(),
                "site": SITES[form.get("site")],
                "age": band,
                "scores": {},
                "comments": [],
            }
            for answer in form["answers"]:
                score = score_of(answer)
                if score is not None:
                    person["scores"][answer["question"]] = score
                if answer.get("comment"):
                    person["comments"].append(answer["comment"])
            people.append(person)
    if not people:
        sys.exit("no answers")

    wanted = [options.question] if options.question else sorted(QUESTIONS)
    cells = defaultdict(list)
    row_totals = defaultdict(list)
    column_totals = defaultdict(list)
    members = defaultdict(int)
    everything = []
    for person in people:
        row, column = person[options.rows], person[options.columns]
        scores = [person["scores"][n] for n in wanted if n in person["scores"]]
        if not scores:
            continue
        mean = sum(scores) / len(scores)
        cells[row, column].append(mean)
        row_totals[row].append(mean)
        column_totals[column].append(mean)
        members[row] += 1
        everything.append(mean)

    rows = sorted(row_totals)
    columns = sorted(column_totals, key=lambda name: (name == "n/a", name))

    def cell(values):
        if len(values) < options.hide:
            return "*" if values else ""
        return f"{sum(values) / len(values):.2f}"

    title = QUESTIONS[options.question] if options.question else "all questions"
    print(f"{title}: {len(everything)} of {len(people)} persons, {twice} forms sent twice")
    width = max(len(name) for name in rows + ["total"]) + 2
    print(" " * width + "".join(f"{name:>11}" for name in columns) + f"{'total':>11}")
    for row in rows:
        line = "".join(f"{cell(cells[row, column]):>11}" for column in columns)
        print(f"{row:<{width}}{line}{cell(row_totals[row]):>11}   n={members[row]}")
    line = "".join(f"{cell(column_totals[column]):>11}" for column in columns)
    print(f"{'total':<{width}}{line}{cell(everything):>11}")

    # share of the promoters minus share of the detractors, by the third question
    recommend = [person["scores"][3] for person in people if 3 in person["scores"]]
    if recommend:
        promoters = sum(score == 5 for score in recommend)
        detractors = sum(score <= 3 for score in recommend)
        print(f"net promoter score {100 * (promoters - detractors) / len(recommend):+.0f}")

    if options.words:
        counts = defaultdict(int)
        for person in people:
            for word in set(re.findall(r"[a-zäöüß]{4,}", " ".join(person["comments"]).lower())):
                counts[word] += 1
        for word, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:5]:
            print(f"{n:3} {word}")


if __name__ == "__main__":
    main()
