"""Attack (e): under noise, which values has this person? Whoever knows everyone else trains on both."""

import numpy as np

from .published import ALL

ROUNDS, RATE, RIDGE = 300, 0.5, 0.05


def features(release) -> np.ndarray:
    """The shown numbers of all cells that are no totals, and whether each is above 0."""
    numbers = np.array([float(row[-1]) for _, rows in release.sheets.values() for row in rows if ALL not in row])
    return np.concatenate([numbers, numbers > 0])


def logistic(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Weights of a logistic regression with a ridge, by gradient descent."""
    weights = np.zeros(points.shape[1])
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(points @ weights, -30, 30)))
        weights -= RATE * (points.T @ (chance - labels) / len(labels) + RIDGE * weights)
    return weights


def accuracy(
    without: list[np.ndarray], with_person: list[np.ndarray], exact: np.ndarray, empty: np.ndarray
) -> dict[str, float]:
    """How often each attacker is right on releases that it did not train on.

    `exact` is the difference that the person makes to the features: the direction of the likelihood ratio in the
    Gaussian model.
    `empty` marks the features that are 0 in truth without the person.
    """
    half = len(without) // 2
    train = np.array(without[:half] + with_person[:half])
    test = np.array(without[half:] + with_person[half:])
    labels = np.array([0] * half + [1] * half)
    answers = np.array([0] * (len(without) - half) + [1] * (len(with_person) - half))
    middle, spread = train.mean(axis=0), train.std(axis=0)
    used = spread > 0
    scaled = [(points[:, used] - middle[used]) / spread[used] for points in (train, test)]
    ratio = [points @ exact for points in (train, test)]
    new = [points[:, empty & (exact > 0)].sum(axis=1) for points in (train, test)]
    alone = best_single(scaled[0], labels)
    scores = {
        "likelihood ratio": (ratio[0], ratio[1]),
        "logistic regression": tuple(p @ logistic(scaled[0], labels) for p in scaled),
        "best single cell": tuple(points[:, alone] for points in scaled),
        "cells that would be empty": tuple(new),
    }
    return {name: judged(known, labels, asked, answers) for name, (known, asked) in scores.items()}


def best_single(points: np.ndarray, labels: np.ndarray) -> int:
    return int(np.argmax(np.abs(points[labels == 1].mean(axis=0) - points[labels == 0].mean(axis=0))))


def judged(known, labels, asked, answers) -> float:
    """The share right of a threshold that was chosen on the training part."""
    thresholds = np.unique(np.quantile(known, np.linspace(0, 1, 99)))
    _, least = max((((known > at) == labels).mean(), at) for at in thresholds)
    return float(((asked > least) == answers).mean())
