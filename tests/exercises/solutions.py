"""A solution of each exercise, written from its text alone and without the library."""

import math
from itertools import pairwise

import torch


def bigram_counts(ids, vocab_size):
    counts = torch.zeros(vocab_size, vocab_size)
    for a, b in pairwise(ids):
        counts[a, b] += 1
    return counts


def smoothed_probabilities(counts, alpha):
    raised = counts + alpha
    return raised / raised.sum(1, keepdim=True)


def rnn_step(x_t, h_prev, weight_ih, weight_hh, bias_ih, bias_hh):
    return torch.tanh(x_t @ weight_ih.T + bias_ih + h_prev @ weight_hh.T + bias_hh)


def cross_entropy(logits, targets):
    losses = []
    for row, target in zip(logits, targets, strict=True):
        probabilities = torch.exp(row) / torch.exp(row).sum()
        losses.append(-math.log(probabilities[target]))
    return sum(losses) / len(losses)


def perplexity(nlls):
    return math.exp(sum(nlls) / len(nlls))


def clip_gradients(gradients, max_norm):
    norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
    if norm <= max_norm:
        return gradients
    return [gradient * (max_norm / norm) for gradient in gradients]


def surprise(logits, targets):
    probabilities = torch.softmax(logits, 1)[range(len(targets)), targets]
    return -torch.log2(probabilities)


def adam_step(weight, gradient, mean, square, step, lr):
    mean = 0.9 * mean + (1 - 0.9) * gradient
    square = 0.999 * square + (1 - 0.999) * gradient * gradient
    mean_hat = mean / (1 - 0.9**step)
    square_hat = square / (1 - 0.999**step)
    return weight - lr * mean_hat / (torch.sqrt(square_hat) + 1e-8), mean, square


def bptt_step(d_h, h_t, h_prev, weight_hh):
    da = d_h * (1 - h_t**2)
    return da @ weight_hh, da.T @ h_prev


def truncated_gradient(windows, h, weight_hh):
    weight_hh = weight_hh.clone().requires_grad_()
    for window in windows:
        h = h.detach()
        for from_x in window:
            h = torch.tanh(from_x + h @ weight_hh.T)
        (0.5 * (h**2).sum()).backward()
    return weight_hh.grad


def gru_step(x_t, h_prev, weight_ih, weight_hh, bias_ih, bias_hh):
    x_r, x_z, x_n = (x_t @ weight_ih.T + bias_ih).chunk(3, 1)
    h_r, h_z, h_n = (h_prev @ weight_hh.T + bias_hh).chunk(3, 1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h_prev


def lstm_step(x_t, h_prev, c_prev, weight_ih, weight_hh, bias_ih, bias_hh):
    i, f, g, o = (x_t @ weight_ih.T + bias_ih + h_prev @ weight_hh.T + bias_hh).chunk(4, 1)
    c_t = torch.sigmoid(f) * c_prev + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c_t), c_t


def temperature_probabilities(logits, temperature):
    if temperature == 0:
        return torch.eye(len(logits))[logits.argmax()]
    return torch.softmax(logits / temperature, 0)


def top_p_probabilities(probabilities, p):
    kept, total = torch.zeros_like(probabilities), 0.0
    for place in probabilities.argsort(descending=True):
        if total < p:
            kept[place] = probabilities[place]
            total += probabilities[place]
    return kept / kept.sum()


def longest_copied(song, text):
    longest = 0
    for start in range(len(song)):
        for end in range(start + 1, len(song) + 1):
            if song[start:end] in text:
                longest = max(longest, end - start)
    return longest


def copied_share(song, text, length):
    copied = set()
    for start in range(len(song) - length + 1):
        if song[start : start + length] in text:
            copied.update(range(start, start + length))
    return len(copied) / len(song)


def tag_accuracy(scores, tags, lengths):
    right = words = 0
    for sentence, tagged, length in zip(scores, tags, lengths, strict=True):
        right += int((sentence[:length].argmax(1) == tagged[:length]).sum())
        words += int(length)
    return right / words


def reverse_padded(x, lengths):
    backwards = x.clone()
    for b, length in enumerate(lengths):
        backwards[b, :length] = x[b, :length].flip(0)
    return backwards
