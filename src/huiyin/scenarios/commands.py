"""`huiyin policy …`: check, explain, test and prove a pack, and put it into force."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from typing import Any


def register(subparsers: Any) -> None:
    policy = subparsers.add_parser("policy", help="check, test, prove and adopt policy packs")
    policy.set_defaults(run=lambda options: policy.print_help() or 2)
    actions = policy.add_subparsers(metavar="ACTION")
    _add(actions, "lint", lint, "mistakes in a pack, with file:line:column", several=True)
    explain_parser = _add(actions, "explain", explain, "each clause: leaf, duty, wording")
    explain_parser.add_argument("clause", nargs="?", help="one clause, or a pattern such as B.*")
    test_parser = _add(actions, "test", test, "play a pack's scenarios on a scratch database")
    test_parser.add_argument("--only", metavar="WORD", help="scenarios with this tag or name")
    coverage_parser = _add(
        actions, "coverage", coverage, "clauses bound and proven by scenarios", several=True
    )
    coverage_parser.add_argument("--clauses", default="*", metavar="PATTERN")
    mutate_parser = _add(
        actions, "mutate", mutate, "break every leaf once: does a scenario notice?"
    )
    mutate_parser.add_argument("--sample", type=_share, default=1.0, metavar="10%")
    mutate_parser.add_argument("--seed", type=int, default=0)
    mutate_parser.add_argument("--fresh", action="store_true", help="ignore the kept findings")
    _add_adopt(actions)


def _add(
    actions: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    purpose: str,
    *,
    several: bool = False,
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=purpose, description=purpose)
    if several:
        parser.add_argument("packs", nargs="*", metavar="PACK", help="none: all packs")
    else:
        parser.add_argument("pack", metavar="PACK", help="its id, or its folder")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_telling(run))
    return parser


def _telling(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """What cannot be read is told in words, with status 2: nothing was judged."""

    def told(options: argparse.Namespace) -> int:
        _start_django()
        from django.utils.translation import get_language

        from huiyin.policy.errors import PackErrors
        from huiyin.scenarios.errors import ScenarioError

        try:
            return run(options)
        except PackErrors as errors:
            _say("\n".join(error.say(get_language() or "zh") for error in errors.errors))
        except ScenarioError as error:
            _say(str(error))
        return 2

    return told


def _add_adopt(actions: Any) -> None:
    parser = _add(actions, "adopt", adopt, "put a pack into force in this firm")
    parser.add_argument("--from", dest="starts_on", required=True, metavar="DATE")
    parser.add_argument(
        "--by", required=True, metavar="NUMBER", help="staff number of who proposes"
    )
    parser.add_argument("--approve", metavar="NUMBER", help="staff number of the second person")
    parser.add_argument("--trial", action="store_true", help="one person may do both; marked so")


def _share(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text)
    if match is None or not 0 < float(match[1]) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share; write for example 10%")
    return float(match[1]) / 100


def lint(options: argparse.Namespace) -> int:
    """0 when nothing is wrong in any of the packs and their scenarios; remarks are no mistakes."""
    from huiyin.scenarios import linting, packs

    folders = packs.folders(options.packs)
    findings = [finding for folder in folders for finding in linting.lint(folder)]
    errors = sum(finding.level == "error" for finding in findings)
    if options.json:
        _print_json({"findings": [finding.as_json() for finding in findings]})
    else:
        for finding in findings:
            print(finding)
        print(f"错误 {errors}，提示 {len(findings) - errors}")
    return 1 if errors or not folders else 0


def explain(options: argparse.Namespace) -> int:
    """Print clause → leaf → what is owed."""
    from huiyin.scenarios import explaining, packs

    pack = packs.load(options.pack)
    lines = explaining.explain(pack, options.clause or "*")
    if options.json:
        _print_json({"policy": pack.id, "clauses": [line.as_json() for line in lines]})
    else:
        print("\n\n".join(map(str, lines)))
    return 0


def test(options: argparse.Namespace) -> int:
    """0 when every scenario passes, and there is one."""
    from huiyin.scenarios import packs, reports, session

    folder = packs.folder(options.pack)
    loud = not options.json

    def say(result: Any) -> None:
        print(reports.result_text(result), flush=True)

    with session.opened(folder) as opened:
        results = opened.play(only=options.only, each=say if loud else None)
    if options.json:
        _print_json(reports.results_json(opened.pack.id, results))
    else:
        print(reports.results_summary(results))
    return 0 if results and all(result.passed for result in results) else 1


def coverage(options: argparse.Namespace) -> int:
    """0 when every clause asked for is bound and proven."""
    from huiyin.scenarios import packs, reports, session
    from huiyin.scenarios.coverage import measure, require_clauses

    found = []
    for folder in packs.folders(options.packs):
        with session.opened(folder) as opened:
            require_clauses(opened.pack, options.clauses)
            _say(reports.playing_text(opened.pack.id, len(opened.scenarios)))
            found.append(measure(opened.pack, opened.play(), asked=options.clauses))
    if options.json:
        _print_json({"policies": {one.policy: one.as_json() for one in found}})
    else:
        print("\n".join(map(reports.coverage_text, found)))
    return 0 if found and all(one.holds for one in found) else 1


def mutate(options: argparse.Namespace) -> int:
    """0 when no mutant survives."""
    from huiyin.scenarios import packs, reports, session

    folder = packs.folder(options.pack)
    try:
        found = session.prove(
            folder, sample=options.sample, seed=options.seed, fresh=options.fresh, say=_say
        )
    except session.ScenariosFail as error:
        _say("\n".join([*map(reports.result_text, error.results), str(error)]))
        return 1
    if options.json:
        _print_json(found.as_json())
    else:
        print(reports.mutation_text(found))
    return 0 if found.holds else 1


def adopt(options: argparse.Namespace) -> int:
    """Put a pack into force in the configured database; two people, one in trial mode."""
    from huiyin.core.errors import HuiyinError
    from huiyin.scenarios import adopting, packs

    pack = packs.load(options.pack)
    try:
        with options.server():
            found = adopting.adopt(
                pack,
                starts_on=options.starts_on,
                proposer=options.by,
                approver=options.approve,
                trial=options.trial,
            )
    except HuiyinError as error:
        _print_json({"error": str(error)}) if options.json else print(error, file=sys.stderr)
        return 1
    if options.json:
        _print_json(found)
    else:
        print("　".join(f"{key}：{value}" for key, value in found.items()))
    return 0


def _start_django() -> None:
    import django

    django.setup()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _print_json(content: Any) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=2))
