import argparse


def parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument(
        "--verbose",
        action="store_true",
    )
    parser.add_argument("--max-size", type=int, default=10, help="the largest size that is taken")
    return parser
